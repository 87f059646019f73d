// @ts-check

/** A random UUID of version 4, after Jed Schmidt. `crypto.randomUUID` exists only on https pages, and some shops still have none. */
export const randomUuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
  (Number(digit) ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> Number(digit) / 4).toString(16));
