import {Flags} from '@oclif/core'
import type {ArchiveLimits} from '../model/archive-policy.ts'
import {HomeportError} from '../model/error.ts'

/** For commands that read archives of others. */
export const archiveLimitFlags = {
  'max-size': Flags.string({
    summary: 'How large the archive may be when it is unpacked, such as 2G.',
    helpValue: 'SIZE',
    default: '500M',
    parse: async text => {
      parseSize(text)
      return text
    },
  }),
}

export function archiveLimitsOf(flags: {readonly 'max-size': string}): Partial<ArchiveLimits> {
  return {unpackedBytes: parseSize(flags['max-size'])}
}

/** `500M`, `2G`, `1000000`: bytes. */
function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([KMGT]?)B?$/i.exec(text) ?? []
  if (digits === undefined) {
    throw new HomeportError('FLAG_INVALID', `“${text}” is no size.`, {
      hint: 'Write a number of bytes, or one with K, M or G: --max-size 2G',
    })
  }
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase())
}
