import {readStatus} from '../../app-status.ts'
import {ok, type Route} from '../api.ts'
import {withApp} from '../find-app.ts'

export const homeportAppRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/homeport/apps',
    answer: async (_, {apps}) => ok(await Promise.all(apps.map(({control}) => readStatus(control)))),
  },
  {method: 'GET', pattern: '/homeport/apps/:app', answer: withApp(async ({app}) => ok(await readStatus(app.control)))},
  {
    method: 'POST',
    pattern: '/homeport/apps/:app/stop',
    answer: withApp(async ({app}) => {
      await app.control.stop()
      return ok({})
    }),
  },
]
