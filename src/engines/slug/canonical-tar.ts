import type {ByteName} from '../../lib/file-name.ts'
import type {FrameWriter} from '../../lib/frame-writer.ts'
import {type TarEntry, TarHeaders, tarEndBytes, tarPadding} from '../../lib/tar-header.ts'

type Done = Promise<void> | undefined

/** The user of the platform's dynos, and a time that every tool takes. */
const owner = {uid: 1000, gid: 1000, mtimeSeconds: 315_532_801, paxName: 'app/PaxHeader'} as const
const top = 'app/'
const modes = {runs: 0o755, other: 0o644} as const

/**
 * Writes the canonical tar of a slug (cli.md section 7): everything below `app/`, in bytewise order, owned by 1000:1000 without
 * names, one time for all. Its SHA-256 is the slug's id, so nothing of this may ever change. Paths are relative to the app's
 * folder; what returns a promise wants it to be awaited.
 */
export class CanonicalTar {
  readonly frames: FrameWriter
  readonly #headers = new TarHeaders(owner)
  readonly #zeros = Buffer.alloc(tarEndBytes)

  constructor(frames: FrameWriter) {
    this.frames = frames
  }

  /** '' is the app's folder itself. */
  folder(path: ByteName): Done {
    return this.#header({name: path === '' ? top : `${top}${path}/`, kind: 'folder', mode: modes.runs, sizeBytes: 0})
  }

  link(path: ByteName, target: ByteName): Done {
    return this.#header({name: top + path, kind: 'link', mode: modes.runs, sizeBytes: 0, target})
  }

  /** Its content and `padding` must follow. */
  file(path: ByteName, {isExecutable, sizeBytes}: {readonly isExecutable: boolean; readonly sizeBytes: number}): Done {
    return this.#header({name: top + path, kind: 'file', mode: isExecutable ? modes.runs : modes.other, sizeBytes})
  }

  padding(sizeBytes: number): Done {
    const padding = tarPadding(sizeBytes)
    return padding === 0 ? undefined : this.frames.append(this.#zeros.subarray(0, padding))
  }

  end(): Done {
    return this.frames.append(this.#zeros)
  }

  #header(entry: TarEntry): Done {
    return this.frames.append(this.#headers.header(entry))
  }
}
