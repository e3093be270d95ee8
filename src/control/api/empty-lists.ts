import {ok, type Route} from './api.ts'
import {withApp} from './find-app.ts'

/** What an app of a folder has none of, and clients ask for all the same (platform.md j.3). */
const nouns = ['addons', 'addon-attachments', 'builds', 'buildpack-installations', 'collaborators', 'domains', 'log-drains', 'webhooks']

export const emptyListRoutes: readonly Route[] = [
  ...nouns.map((noun): Route => ({method: 'GET', pattern: `/apps/:app/${noun}`, answer: withApp(() => ok([]))})),
  {method: 'GET', pattern: '/addon-attachments', answer: () => ok([])},
  {method: 'GET', pattern: '/teams', answer: () => ok([])},
]
