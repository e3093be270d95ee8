import type {ByteName} from '../../lib/file-name.ts'
import type {FrameWriter} from '../../lib/frame-writer.ts'
import {type TarEntry, tarEndBytes, tarHeader, tarPadding} from '../../lib/tar-header.ts'

/**
 * The canonical tar of a slug (cli.md section 7): everything below `app/`, in bytewise order, owned by 1000:1000 without names,
 * one time for all. Its SHA-256 is the slug's id, so nothing of this may ever change.
 */
const owner = {uid: 1000, gid: 1000, mtimeSeconds: 315_532_801} as const
const paxName = 'app/PaxHeader'
const top = 'app/'
const modes = {runs: 0o755, other: 0o644} as const
const zeros = Buffer.alloc(tarEndBytes)

type Done = Promise<void> | undefined

/** A folder; `path` is relative to the app's folder, '' for that itself. */
export function appendFolder(frames: FrameWriter, path: ByteName): Done {
  return appendHeader(frames, {name: path === '' ? top : `${top}${path}/`, kind: 'folder', mode: modes.runs, sizeBytes: 0})
}

export function appendLink(frames: FrameWriter, path: ByteName, target: ByteName): Done {
  return appendHeader(frames, {name: top + path, kind: 'link', mode: modes.runs, sizeBytes: 0, target})
}

/** Its content and `appendPadding` must follow. */
export function appendFile(
  frames: FrameWriter,
  path: ByteName,
  {isExecutable, sizeBytes}: {isExecutable: boolean; sizeBytes: number},
): Done {
  return appendHeader(frames, {name: top + path, kind: 'file', mode: isExecutable ? modes.runs : modes.other, sizeBytes})
}

export function appendPadding(frames: FrameWriter, sizeBytes: number): Done {
  const padding = tarPadding(sizeBytes)
  return padding === 0 ? undefined : frames.append(zeros.subarray(0, padding))
}

export function appendEnd(frames: FrameWriter): Done {
  return frames.append(zeros)
}

function appendHeader(frames: FrameWriter, entry: TarEntry): Done {
  return frames.append(tarHeader(entry, owner, paxName))
}
