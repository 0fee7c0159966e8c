// The client and form-data share one table, which is read when the first type is asked for.
module.exports = { lookup: (name) => require('mime-types/index.js').lookup(name) };
