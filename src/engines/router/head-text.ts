/** Up to this size a read is taken as text as a whole, so that a small body leaves with its head in one write. */
const smallBytes = 12_288

/** The bytes of a message, or of its head when there is more, as latin1 text: one character is one byte. */
export function headText(bytes: Buffer): string {
  if (bytes.length <= smallBytes) return bytes.toString('latin1')
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end + 4)
}
