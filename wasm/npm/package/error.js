/** Why strongroom refused something: `code` for programs, `message` for people. */
export class SecretError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// On the prototype, as with the built-in errors: not an own property of each error.
SecretError.prototype.name = "SecretError";
