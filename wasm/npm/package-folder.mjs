// Where `cargo xtask pack` leaves the package.

/** A folder's URL. */
export const PACKAGE = new URL("../../target/pack/npm/", import.meta.url);
