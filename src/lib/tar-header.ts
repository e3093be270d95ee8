import {Buffer, isUtf8} from 'node:buffer'
import type {ByteName} from './file-name.ts'

/** A member of an archive as it is written; the name of a folder ends in `/`. */
export type TarEntry = {
  readonly name: ByteName
  readonly kind: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly sizeBytes: number
  /** Of a link. */
  readonly target?: ByteName
}

/** What all members have in common. */
export type TarOwner = {
  readonly uid: number
  readonly gid: number
  readonly mtimeSeconds: number
  /** What PAX headers are called. */
  readonly paxName: ByteName
}

export const tarBlockBytes = 512
/** Two blocks of zeros end an archive. */
export const tarEndBytes = 2 * tarBlockBytes

const typeFlags = {file: '0', link: '2', folder: '5'} as const
const maxNameBytes = 100
const maxPrefixBytes = 155
const maxOctalSize = 8 ** 11 - 1
const notAscii = /[^\x00-\x7f]/

/** How many bytes follow `sizeBytes` of content, so that the next header begins at a whole block. */
export function tarPadding(sizeBytes: number): number {
  return (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes
}

/** Makes the headers of an archive's members. */
export class TarHeaders {
  readonly #paxName: ByteName
  /** A block with what all have in common, and the sum of its bytes. */
  readonly #common = Buffer.alloc(tarBlockBytes)
  readonly #commonSum: number

  constructor({uid, gid, mtimeSeconds, paxName}: TarOwner) {
    this.#paxName = paxName
    this.#common.write(octal(uid, 7), 108, 'latin1')
    this.#common.write(octal(gid, 7), 116, 'latin1')
    this.#common.write(octal(mtimeSeconds, 11), 136, 'latin1')
    this.#common.write('        ', 148, 'latin1')
    this.#common.write('ustar\x0000', 257, 'latin1')
    this.#common.write(octal(0, 7), 329, 'latin1')
    this.#common.write(octal(0, 7), 337, 'latin1')
    this.#commonSum = this.#common.reduce((sum, byte) => sum + byte, 0)
  }

  /**
   * The header of a member: one block of POSIX ustar; before it a PAX header where ustar cannot say it (long names, names that
   * are not ASCII, 8 GiB and more). The same entry gives the same bytes, always.
   */
  header(entry: TarEntry): Buffer {
    const split = splitName(entry.name)
    const target = entry.target ?? ''
    const records = paxRecords(entry, split === undefined)
    const block = this.#block({
      name: split?.name ?? entry.name.slice(0, maxNameBytes),
      prefix: split?.prefix ?? '',
      typeFlag: typeFlags[entry.kind],
      mode: entry.mode,
      sizeBytes: entry.sizeBytes > maxOctalSize ? 0 : entry.sizeBytes,
      target: target.slice(0, maxNameBytes),
    })
    return records.length === 0 ? block : Buffer.concat([...this.#paxBlocks(records), block])
  }

  #paxBlocks(records: readonly Buffer[]): readonly Buffer[] {
    const content = Buffer.concat(records)
    const header = this.#block({name: this.#paxName, prefix: '', typeFlag: 'x', mode: 0o644, sizeBytes: content.length, target: ''})
    return [header, content, Buffer.alloc(tarPadding(content.length))]
  }

  #block({name, prefix, typeFlag, mode, sizeBytes, target}: BlockFields): Buffer {
    const block = Buffer.from(this.#common)
    let sum = this.#commonSum
    const write = (text: string, at: number) => {
      block.write(text, at, 'latin1')
      for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index)
    }
    write(name, 0)
    write(octal(mode, 7), 100)
    write(octal(sizeBytes, 11), 124)
    write(typeFlag, 156)
    if (target !== '') write(target, 157)
    if (prefix !== '') write(prefix, 345)
    block.write(`${octal(sum, 6)}\x00 `, 148, 'latin1')
    return block
  }
}

type BlockFields = {
  readonly name: ByteName
  readonly prefix: ByteName
  readonly typeFlag: string
  readonly mode: number
  readonly sizeBytes: number
  readonly target: ByteName
}

function splitName(name: ByteName): {readonly name: ByteName; readonly prefix: ByteName} | undefined {
  if (name.length <= maxNameBytes) return {name, prefix: ''}
  const slashAt = name.slice(0, Math.min(maxPrefixBytes + 1, name.length - 1)).lastIndexOf('/')
  if (slashAt <= 0 || name.length - slashAt - 1 > maxNameBytes) return undefined
  return {name: name.slice(slashAt + 1), prefix: name.slice(0, slashAt)}
}

/** POSIX wants UTF-8 in these records, or a first record that says otherwise. */
function paxRecords({name, sizeBytes, target = ''}: TarEntry, isTooLong: boolean): readonly Buffer[] {
  const [hasTextName, hasTextTarget] = [isText(name), isText(target)]
  const needsName = isTooLong || (notAscii.test(name) && hasTextName)
  const needsTarget = target.length > maxNameBytes || (notAscii.test(target) && hasTextTarget)
  const isBinary = (needsName && !hasTextName) || (needsTarget && !hasTextTarget)
  return [
    ...(isBinary ? [paxRecord('hdrcharset', 'BINARY')] : []),
    ...(needsName ? [paxRecord('path', name)] : []),
    ...(needsTarget ? [paxRecord('linkpath', target)] : []),
    ...(sizeBytes > maxOctalSize ? [paxRecord('size', String(sizeBytes))] : []),
  ]
}

function isText(name: ByteName): boolean {
  return !notAscii.test(name) || isUtf8(Buffer.from(name, 'latin1'))
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: ByteName): Buffer {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.from(`${length}${rest}`, 'latin1')
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
