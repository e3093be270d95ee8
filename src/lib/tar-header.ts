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
export type TarOwner = {readonly uid: number; readonly gid: number; readonly mtimeSeconds: number}

export const tarBlockBytes = 512
/** Two blocks of zeros end an archive. */
export const tarEndBytes = 2 * tarBlockBytes

const typeFlags = {file: '0', link: '2', folder: '5'} as const
const maxNameBytes = 100
const maxPrefixBytes = 155
const maxOctalSize = 8 ** 11 - 1
const notAscii = /[^\x00-\x7f]/

/**
 * The header of a member: one block of POSIX ustar; before it a PAX header where ustar cannot say it (long names, names that
 * are not ASCII, 8 GiB and more). The same entry gives the same bytes, always.
 */
export function tarHeader(entry: TarEntry, owner: TarOwner, paxName: ByteName): Buffer {
  const split = splitName(entry.name)
  const target = entry.target ?? ''
  const records = paxRecords(entry, split === undefined)
  const block = headerBlock(
    {
      name: split?.name ?? entry.name.slice(0, maxNameBytes),
      prefix: split?.prefix ?? '',
      typeFlag: typeFlags[entry.kind],
      mode: entry.mode,
      sizeBytes: entry.sizeBytes > maxOctalSize ? 0 : entry.sizeBytes,
      target: target.slice(0, maxNameBytes),
    },
    owner,
  )
  return records.length === 0 ? block : Buffer.concat([...paxBlocks(records, owner, paxName), block])
}

/** How many bytes follow `sizeBytes` of content, so that the next header begins at a whole block. */
export function tarPadding(sizeBytes: number): number {
  return (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes
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

function paxBlocks(records: readonly Buffer[], owner: TarOwner, paxName: ByteName): readonly Buffer[] {
  const content = Buffer.concat(records)
  const header = headerBlock({name: paxName, prefix: '', typeFlag: 'x', mode: 0o644, sizeBytes: content.length, target: ''}, owner)
  return [header, content, Buffer.alloc(tarPadding(content.length))]
}

type BlockFields = {
  readonly name: ByteName
  readonly prefix: ByteName
  readonly typeFlag: string
  readonly mode: number
  readonly sizeBytes: number
  readonly target: ByteName
}

function headerBlock({name, prefix, typeFlag, mode, sizeBytes, target}: BlockFields, owner: TarOwner): Buffer {
  const block = Buffer.alloc(tarBlockBytes)
  block.write(name, 0, 'latin1')
  block.write(octal(mode, 7), 100, 'latin1')
  block.write(octal(owner.uid, 7), 108, 'latin1')
  block.write(octal(owner.gid, 7), 116, 'latin1')
  block.write(octal(sizeBytes, 11), 124, 'latin1')
  block.write(octal(owner.mtimeSeconds, 11), 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(typeFlag, 156, 'latin1')
  block.write(target, 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(octal(0, 7), 329, 'latin1')
  block.write(octal(0, 7), 337, 'latin1')
  block.write(prefix, 345, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${octal(sum, 6)}\x00 `, 148, 'latin1')
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
