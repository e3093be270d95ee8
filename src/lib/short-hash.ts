const halves = [0x9e3779b1, 0x85ebca6b] as const

/**
 * 16 hex digits that stand for a text, to name a file after it. No cryptography, which would take longer to load than all else
 * that `ps` does: two murmur-like hashes of 32 bits with different beginnings, well mixed. Not for what an enemy may choose.
 */
export function shortHash(text: string): string {
  const bytes = Buffer.from(text)
  return halves.map(seed => mix(bytes, seed).toString(16).padStart(8, '0')).join('')
}

function mix(bytes: Buffer, seed: number): number {
  let hash = seed ^ bytes.length
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, 0xcc9e2d51)
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593)
    hash ^= hash >>> 13
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
