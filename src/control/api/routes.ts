import {accountRoutes} from './account.ts'
import type {Route} from './api.ts'
import {appRoutes} from './apps.ts'
import {configVarRoutes} from './config-vars.ts'
import {dynoRoutes} from './dynos.ts'
import {emptyListRoutes} from './empty-lists.ts'
import {featureRoutes} from './features.ts'
import {formationRoutes} from './formation.ts'
import {homeportAppRoutes} from './homeport/apps.ts'
import {eventRoutes} from './homeport/events.ts'
import {execRoutes} from './homeport/exec.ts'
import {logRoutes} from './homeport/logs.ts'
import {terminalRoutes} from './homeport/terminal.ts'
import {logSessionRoutes} from './log-sessions.ts'
import {releaseRoutes} from './releases.ts'

/** Every call there is: Heroku's Platform API v3 (platform.md j.3), and below `/homeport/` what that lacks. */
export const routes: readonly Route[] = [
  ...accountRoutes,
  ...appRoutes,
  ...dynoRoutes,
  ...formationRoutes,
  ...configVarRoutes,
  ...releaseRoutes,
  ...featureRoutes,
  ...logSessionRoutes,
  ...emptyListRoutes,
  ...homeportAppRoutes,
  ...eventRoutes,
  ...logRoutes,
  ...execRoutes,
  ...terminalRoutes,
]
