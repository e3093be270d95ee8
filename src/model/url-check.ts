import {HomeportError} from './error.ts'
import type {Healthcheck} from './healthcheck.ts'

/** One request of `ci` and what its answer must be (cli.md section 8). */
export type UrlCheck = {readonly path: string; readonly status: number; readonly text?: string}

/** Reads `--url PATH[=STATUS[~TEXT]]`: the first match of the contract's expression. Throws FLAG_INVALID. */
export function parseUrlCheck(value: string): UrlCheck {
  const [, path, status, text] = /^(\/.*?)(?:=(\d{3})(?:~(.*))?)?$/s.exec(value) ?? []
  if (path === undefined) {
    throw new HomeportError('FLAG_INVALID', `--url: “${value}” is no check.`, {
      hint: "Write a path, and what it answers: --url '/login=200~Sign in'.",
    })
  }
  return {path, status: status === undefined ? 200 : Number(status), ...(text === undefined ? {} : {text})}
}

/** A health check of app.json as a request through the router. */
export function urlCheckOf({path, content}: Pick<Healthcheck, 'path' | 'content'>): UrlCheck {
  return {path, status: 200, ...(content === undefined ? {} : {text: content})}
}

export function renderUrlCheck({path, status, text}: UrlCheck): string {
  return `GET ${path} = ${status}${text === undefined ? '' : ` with “${text}”`}`
}

export type Answer = {readonly status: number; readonly body: string}

/** Why an answer is not what was asked for; undefined when it is. */
export function judgeAnswer({status, text}: UrlCheck, answer: Answer): string | undefined {
  if (answer.status !== status) return `the status is ${answer.status}, not ${status}`
  if (text !== undefined && !answer.body.includes(text)) return `the body does not contain “${text}”`
  return undefined
}
