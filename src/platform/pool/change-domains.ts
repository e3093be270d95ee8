import {HomeportError} from '../../model/error.ts'
import {findPoolApp} from './find-pool-app.ts'
import type {PoolContext} from './pool-context.ts'

const domainName = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/

/** Host names that lead to an app's web dynos, besides its own name. */
export async function listDomains(app: string, context: Pick<PoolContext, 'bucket' | 'pool'>): Promise<readonly string[]> {
  const {ledger} = await findPoolApp(context, app)
  return (await ledger.settings()).domains
}

export type DomainChange = {readonly app: string; readonly add?: string; readonly remove?: string}

/** Changes what is routed where; no release, no dyno restarts. Rejects with FLAG_INVALID for what is no host name or not there. */
export async function changeDomains({app, add, remove}: DomainChange, context: PoolContext): Promise<readonly string[]> {
  const {ledger, current} = await findPoolApp(context, app)
  const name = (add ?? remove ?? '').toLowerCase().replace(/\.$/, '')
  if (name.length > 253 || !domainName.test(name))
    throw new HomeportError('FLAG_INVALID', `“${add ?? remove}” is no host name.`, {hint: 'Write it like www.example.com.'})
  const {domains} = await ledger.changeSettings(settings => {
    const others = settings.domains.filter(domain => domain !== name)
    if (add === undefined && others.length === settings.domains.length) {
      const known = settings.domains.join(', ')
      throw new HomeportError('FLAG_INVALID', `${app} has no domain ${name}.`, {hint: known === '' ? 'It has none.' : `It has ${known}.`})
    }
    return {...settings, domains: add === undefined ? others : [...others, name]}
  })
  await context.engine.setDomains(app, domains)
  const action = add === undefined ? `Remove domain ${name}` : `Add domain ${name}`
  await ledger.audit({user: context.deployer.user, action, from: current ?? null, to: current ?? null, result: 'succeeded'})
  return domains
}
