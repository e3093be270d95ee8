import type {ByteName} from './file-name.ts'

/** The records of a PAX header, `LENGTH KEY=VALUE\n` each; a later one wins. Undefined when they are not that. */
export function readPaxRecords(content: Buffer): ReadonlyMap<string, ByteName> | undefined {
  const records = new Map<string, ByteName>()
  let at = 0
  while (at < content.length) {
    const blankAt = content.indexOf(0x20, at)
    const digits = blankAt < 0 ? '' : content.toString('latin1', at, blankAt)
    if (!/^[1-9]\d{0,6}$/.test(digits)) return undefined
    const end = at + Number(digits)
    if (end > content.length || end <= blankAt + 1 || content[end - 1] !== 0x0a) return undefined
    const record = content.toString('latin1', blankAt + 1, end - 1)
    const equalsAt = record.indexOf('=')
    if (equalsAt <= 0) return undefined
    records.set(record.slice(0, equalsAt), record.slice(equalsAt + 1))
    at = end
  }
  return records
}
