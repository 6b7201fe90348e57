/** Numbers below this are given by lists such as Netify's. */
const firstOwn = 1 << 20

/**
 * The number of an application that no list gives one: made of its name, so that it stays the same
 * however rules change. Below 2^24, which is what a selector of IE 95 holds (RFC 6759 §4.1).
 */
export function applicationId(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return firstOwn + (((hash ^ (hash >>> 15)) >>> 0) % ((1 << 24) - firstOwn))
}
