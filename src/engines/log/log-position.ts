/** A place between two lines of a log: everything before `offset` of file number `segment`, and all older files. */
export type LogPosition = {readonly segment: number; readonly offset: number}

/** Before the first line. */
export const logStart: LogPosition = {segment: 0, offset: 0}

/** `12:34567`, as the id of an event stream. */
export function renderPosition({segment, offset}: LogPosition): string {
  return `${segment}:${offset}`
}

/** Undefined for a text that is no position. */
export function parsePosition(text: string): LogPosition | undefined {
  const [, segment, offset] = /^(\d{1,8}):(\d{1,15})$/.exec(text) ?? []
  return segment === undefined || offset === undefined ? undefined : {segment: Number(segment), offset: Number(offset)}
}
