/**
 * 16 hex digits that stand for a text, to name a file after it: the beginning of its SHA-256. Loads Node's cryptography when it
 * is called, and not when it is imported: that takes as long as all else that `ps` does.
 */
export function shortHash(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text, 'hex').slice(0, 16)
}
