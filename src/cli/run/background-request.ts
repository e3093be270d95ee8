import {detachedVariable} from '../start/detached.ts'

/** What the process in the background is to do; it travels in the environment, which others cannot read, unlike an argv. */
export type BackgroundRequest = {
  /** `run.4711` */
  readonly name: string
  readonly words: readonly string[]
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** What it says, as one line of JSON, when the command runs. */
export type BackgroundStart = {readonly app: string; readonly command: string}

/** The request that this process was started with by `run --detach`, undefined for a process that a person started. */
export function backgroundRequest(env: Readonly<Record<string, string | undefined>>): BackgroundRequest | undefined {
  const text = env[detachedVariable]
  return text?.startsWith('{') ? JSON.parse(text) : undefined
}

export function renderBackgroundRequest(request: BackgroundRequest): Readonly<Record<string, string>> {
  return {[detachedVariable]: JSON.stringify(request)}
}
