/** A change to a text: what stands from `start` up to `end` (offsets in UTF-16 units) becomes `text`. */
export type TextEdit = {readonly start: number; readonly end: number; readonly text: string}

/** `source` with all `edits` made. An edit that is there twice is made once; of two that overlap the later one is left out. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  const parts: string[] = []
  let at = 0
  let previous: TextEdit | undefined
  for (const edit of ordered) {
    const isRepeated = previous !== undefined && previous.start === edit.start && previous.end === edit.end
    if (isRepeated || edit.start < at) continue
    parts.push(source.slice(at, edit.start), edit.text)
    at = edit.end
    previous = edit
  }
  return parts.join('') + source.slice(at)
}
