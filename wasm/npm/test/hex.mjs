// Bytes as the published vectors write them.

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(string) {
  return Uint8Array.from(string.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
