import {ok, type Route} from './api.ts'
import {uuidOf} from './ids.ts'

/** Whoever may open the socket is the one user there is. */
export const owner = {id: uuidOf('account'), email: 'homeport@localhost'} as const

const since = '2026-01-01T00:00:00Z'

const account = {
  ...owner,
  allow_tracking: false,
  beta: false,
  created_at: since,
  delinquent_at: null,
  federated: false,
  last_login: null,
  name: 'Homeport',
  suspended_at: null,
  two_factor_authentication: false,
  updated_at: since,
  verified: true,
}

export const accountRoutes: readonly Route[] = [
  {method: 'GET', pattern: '/account', answer: () => ok(account)},
  {method: 'GET', pattern: '/account/features', answer: () => ok([])},
]
