// form-data uses this for one line. It brings a dozen packages for engines that have no Symbol, and one evaluates text.
module.exports = (object, value) =>
	Object.defineProperty(object, Symbol.toStringTag, { value, configurable: true });
