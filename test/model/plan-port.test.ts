import {expect, test} from 'vitest'
import {planPort, planTlsPort} from '../../src/model/plan-port.ts'

test.for([
  ['5006 by itself', {}, {port: 5006, isFixed: false}],
  ['PORT of .env', {envFile: 3000}, {port: 3000, isFixed: false}],
  ['HOMEPORT_PORT beats .env', {variable: 4000, envFile: 3000}, {port: 4000, isFixed: false}],
  ['the flag beats all, and stays', {flag: 8000, variable: 4000, envFile: 3000}, {port: 8000, isFixed: true}],
  ['0 is any free port', {flag: 0}, {port: 0, isFixed: false}],
] as const)('%s', ([, wishes, planned]) => {
  expect(planPort(wishes)).toEqual(planned)
})

test.for([
  ['5443 by itself', {}, 5006, {port: 5443, isFixed: false}],
  ['any free port beside any free port', {}, 0, {port: 0, isFixed: false}],
  ['the variable', {variable: 8443}, 0, {port: 8443, isFixed: false}],
  ['the flag beats it, and stays', {flag: 443, variable: 8443}, 5006, {port: 443, isFixed: true}],
  ['0 is any free port', {flag: 0}, 5006, {port: 0, isFixed: false}],
] as const)('HTTPS: %s', ([, wishes, port, planned]) => {
  expect(planTlsPort(wishes, {port, isFixed: false})).toEqual(planned)
})
