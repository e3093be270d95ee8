import {ApiError, type ApiReply, invalidParams, type Route} from '../api.ts'
import {findDyno} from '../dynos.ts'
import {type AppCall, withApp} from '../find-app.ts'

export const execRoutes: readonly Route[] = [{method: 'POST', pattern: '/homeport/apps/:app/dynos/:dyno/exec', answer: withApp(planExec)}]

/** `{command}`, a command line or an argv → what to start to be inside that dyno: its environment, its folder, its isolation. */
async function planExec({app: {control}, request, params}: AppCall): Promise<ApiReply> {
  const {command} = (request.body ?? {}) as {command?: unknown}
  if (!isCommand(command)) throw invalidParams('command must be a text or a list of texts.')
  const {dyno} = await findDyno(control, params['dyno'])
  if (control.execIn === undefined) throw new ApiError(404, 'not_found', 'This app does not let commands into its dynos.')
  return {status: 200, body: await control.execIn(dyno, command)}
}

function isCommand(command: unknown): command is string | readonly string[] {
  return typeof command === 'string' || (Array.isArray(command) && command.length > 0 && command.every(word => typeof word === 'string'))
}
