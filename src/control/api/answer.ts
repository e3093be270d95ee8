import {type ErrorClass, HomeportError} from '../../model/error.ts'
import {type ApiContext, ApiError, type ApiReply, type ApiRequest, type Route} from './api.ts'
import {pageOf} from './range.ts'
import {routes} from './routes.ts'

/** The one entrance of the API: finds the route, checks what the platform checks, and puts errors into its form (platform.md j.2). */
export async function answer(request: ApiRequest, context: ApiContext): Promise<ApiReply> {
  try {
    const {route, params} = findRoute(request)
    const isPlatform = !route.pattern.startsWith('/homeport/')
    if (isPlatform) checkAccept(request.headers['accept'])
    const reply = await route.answer(request, {...context, params})
    const isList = isPlatform && request.method === 'GET' && 'body' in reply && Array.isArray(reply.body)
    return isList ? pageOf(reply.body, request.headers['range']) : reply
  } catch (error) {
    return errorReply(error)
  }
}

/** The API has versions; without one of them it does not answer. `/homeport/…` is ours and has none. */
function checkAccept(accept: string | undefined): void {
  const [, version] = /application\/vnd\.heroku\+json\s*(?:;\s*version=([\w.-]+))?/.exec(accept ?? '') ?? []
  if (version === undefined) {
    throw new ApiError(404, 'not_found', 'Nothing here without the header `Accept: application/vnd.heroku+json; version=3`.')
  }
  if (!/^3(\.|$)/.test(version)) throw new ApiError(406, 'not_acceptable', `There is no version ${version} of this API; ask for version=3.`)
}

function findRoute({method, path}: ApiRequest): {route: Route; params: Record<string, string>} {
  let isKnown = false
  for (const route of routes) {
    const params = match(route.pattern, path)
    if (params === undefined) continue
    if (route.method === method) return {route, params}
    isKnown = true
  }
  if (isKnown) throw new ApiError(405, 'method_not_allowed', `${method} is not possible here.`)
  throw new ApiError(404, 'not_found', 'The requested API endpoint was not found.')
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = decode(given[index] ?? '')
    if (part.startsWith(':') && text !== undefined && text !== '') params[part.slice(1)] = text
    else if (part !== text) return undefined
  }
  return params
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const statuses: Readonly<Record<ErrorClass, {readonly status: number; readonly id: string}>> = {
  BUG: {status: 500, id: 'internal_server_error'},
  USAGE: {status: 422, id: 'invalid_params'},
  APP: {status: 422, id: 'invalid_params'},
  BUILD: {status: 422, id: 'invalid_params'},
  MACHINE: {status: 409, id: 'conflict'},
  DYNO: {status: 409, id: 'conflict'},
  TARGET: {status: 503, id: 'service_unavailable'},
  CHECK: {status: 409, id: 'conflict'},
}

/** The platform's body, and beside it what our own client needs to throw the same error again. */
function errorReply(error: unknown): ApiReply {
  if (error instanceof ApiError) return {status: error.status, body: {id: error.id, message: error.message, ...ownWords(error.ownWords)}}
  const bug = {...statuses.BUG, message: error instanceof Error ? error.message : String(error)}
  if (!(error instanceof HomeportError)) return {status: bug.status, body: {id: bug.id, message: bug.message}}
  const {status, id} = error.code.startsWith('UNKNOWN_') ? {status: 404, id: 'not_found'} : statuses[error.errorClass]
  return {status, body: {id, message: error.message, ...ownWords(error)}}
}

function ownWords(error: HomeportError | undefined): {readonly homeport?: Readonly<Record<string, string>>} {
  if (error === undefined) return {}
  const {code, message, hint} = error
  return {homeport: {code, message, ...(hint === undefined ? {} : {hint})}}
}
