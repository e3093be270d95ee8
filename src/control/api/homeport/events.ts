import {EventStream} from '../../event-stream.ts'
import type {ApiReply, Route} from '../api.ts'
import {type AppCall, withApp} from '../find-app.ts'

export const eventRoutes: readonly Route[] = [{method: 'GET', pattern: '/homeport/apps/:app/events', answer: withApp(streamEvents)}]

/** What happens from now on, one JSON object a line (cli.md section 3); `?types=state,ready` for some types only. */
function streamEvents({app, request}: AppCall): ApiReply {
  const types = request.query.get('types')
  return {
    status: 200,
    headers: {'Content-Type': 'application/x-ndjson'},
    stream: new EventStream(listener => app.subscribe(listener), {
      signal: request.signal,
      ...(types === null ? {} : {types: new Set(types.split(','))}),
    }),
  }
}
