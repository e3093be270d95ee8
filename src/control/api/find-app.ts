import type {ServedApp} from '../served-app.ts'
import {type ApiContext, type ApiReply, type ApiRequest, type Handler, notFound} from './api.ts'
import {uuidOf} from './ids.ts'

export type AppCall = {
  readonly app: ServedApp
  readonly request: ApiRequest
  readonly context: ApiContext
  /** The other parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>
}

/** A handler below `/apps/:app`: gets the app, by name or id, or answers 404. */
export function withApp(answer: (call: AppCall) => ApiReply | Promise<ApiReply>): Handler {
  return (request, {params, ...context}) => {
    const app = context.apps.find(({control}) => control.name === params['app'] || appId(control) === params['app'])
    if (app === undefined) throw notFound('app')
    return answer({app, request, context, params})
  }
}

/** One folder has one id for ever. */
export function appId({root}: {readonly root: string}): string {
  return uuidOf('app', root)
}
