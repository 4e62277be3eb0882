// Assertions for Node and pages alike. They don't show values that might be bytes of a secret.

export function equal(actual, expected, what = "value") {
  if (!Object.is(actual, expected)) throw new Error(`${what}: ${actual} instead of ${expected}`);
}

export function same(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function isZero(bytes) {
  return bytes.every((byte) => byte === 0);
}

/** What `f` throws, which must be a `kind`. */
export function thrown(kind, f) {
  let result;
  try {
    result = f();
  } catch (error) {
    if (error instanceof kind) return error;
    throw new Error(`${f} threw ${error} instead of a ${kind.name}`, { cause: error });
  }
  throw new Error(`${f} threw nothing, but gave ${typeof result}`);
}

/** What `f` throws, which must be a SecretError with `code`. */
export function refused(SecretError, code, f) {
  const error = thrown(SecretError, f);
  equal(error.code, code, `the code of ${error}`);
  return error;
}

/** What the promise of `f` is rejected with, which must be a `kind`. */
export async function rejected(kind, f) {
  let result;
  try {
    const promise = f();
    if (!(promise instanceof Promise)) throw new Error(`${f} gave no promise`);
    result = await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw new Error(`${f} was rejected with ${error} instead of a ${kind.name}`, { cause: error });
  }
  throw new Error(`${f} was not rejected, but gave ${typeof result}`);
}

/** What the promise of `f` is rejected with, which must be a SecretError with `code`. */
export async function refusedLater(SecretError, code, f) {
  const error = await rejected(SecretError, f);
  equal(error.code, code, `the code of ${error}`);
  return error;
}
