// Every Node that runs this has it built in.
module.exports = Object.hasOwn;
