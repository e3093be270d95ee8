/** Archives for tests, byte by byte, also those that no honest program writes. */
export type MemberBytes = {
  readonly name: string | Buffer
  /** `0` a file, `5` a folder, `2` a link … */
  readonly type?: string
  readonly content?: string | Buffer
  /** What the header says, when that is not how long the content is. */
  readonly size?: number | string
  readonly target?: string
  readonly mode?: number | string
  readonly uid?: number
  readonly prefix?: string
  readonly magic?: string
  readonly checksum?: string
}

export function memberBytes({
  name,
  type = '0',
  content = '',
  target = '',
  mode = 0o644,
  uid = 0,
  prefix = '',
  ...rest
}: MemberBytes): Buffer {
  const body = Buffer.from(content)
  const header = Buffer.alloc(512)
  Buffer.from(name).copy(header, 0, 0, 100)
  header.write(typeof mode === 'string' ? mode : octal(mode, 7), 100, 'latin1')
  header.write(octal(uid, 7), 108, 'latin1')
  header.write(octal(uid, 7), 116, 'latin1')
  const size = rest.size ?? body.length
  header.write(typeof size === 'string' ? size : octal(size, 11), 124, 'latin1')
  header.write(octal(0, 11), 136, 'latin1')
  header.write(type, 156, 'latin1')
  header.write(target, 157, 100, 'latin1')
  header.write(rest.magic ?? 'ustar\x0000', 257, 'latin1')
  header.write(prefix, 345, 155, 'latin1')
  header.write('        ', 148, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(rest.checksum ?? `${octal(sum, 6)}\x00 `, 148, 'latin1')
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}

/** A whole archive. */
export function tarBytes(members: readonly (MemberBytes | Buffer)[]): Buffer {
  return Buffer.concat([...members.map(member => (Buffer.isBuffer(member) ? member : memberBytes(member))), Buffer.alloc(1024)])
}

/** The PAX header that comes before a member. */
export function paxBytes(records: Readonly<Record<string, string>>, type = 'x'): Buffer {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`
      let length = Buffer.byteLength(rest) + 1
      while (String(length).length + Buffer.byteLength(rest) !== length) length++
      return `${length}${rest}`
    })
    .join('')
  return memberBytes({name: 'PaxHeader', type, content})
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
