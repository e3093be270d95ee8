/** Lines without the CR that Windows' way of ending lines leaves before the newline; a CR elsewhere stays. The same block when there is none. */
export function withoutEndingCr(lines: Buffer): Buffer {
  if (!lines.includes('\r\n')) return lines
  return Buffer.from(lines.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
}
