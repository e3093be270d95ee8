import {type ByteName, byteName} from '../../lib/file-name.ts'
import {PlatformVotes, type SlugPlatform} from '../../model/slug-platform.ts'
import {SourceFile} from './read-source-file.ts'
import {filesOf, type ScannedFolder} from './scan-folder.ts'

/** What programs and libraries are called: no dot in the name, or one of these behind it. */
const likely = /(?:^|\/)(?:[^/.]+|[^/]+\.(?:so(?:\.[\d.]+)?|node|dylib|bin|exe|o))$/

/**
 * What a folder's files need of a machine, told from those whose names look like programs and libraries: right almost always,
 * and a twentieth of the work of looking at all.
 */
export function guessPlatform(root: ScannedFolder, folder: string): SlugPlatform {
  const votes = new PlatformVotes()
  const head = Buffer.alloc(64)
  for (const {path, file} of filesOf(root)) {
    if (file.generated === undefined && likely.test(path)) vote(votes, path, `${byteName(folder)}/${path}`, head)
  }
  return votes.platform
}

function vote(votes: PlatformVotes, path: ByteName, absolute: ByteName, head: Buffer): void {
  using source = new SourceFile(absolute)
  if (source.sizeBytes < head.length) return
  source.fill(head)
  const facts = source.facts(head)
  if (facts !== undefined) votes.add(path, facts)
}
