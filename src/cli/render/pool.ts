import type {DeployStep} from '../../model/deploy-plan.ts'
import type {StepEvent} from '../../model/event.ts'
import type {Host, PoolDyno} from '../../model/pool.ts'
import {priceRegion, pricesOf} from '../../model/pool-cost.ts'
import type {planSetup} from '../../model/pool-setup.ts'
import type {ReleaseRecord} from '../../model/release.ts'
import type {Paint} from '../colour.ts'
import {printable} from './error.ts'
import {renderTable} from './table.ts'
import {renderAgo, renderWhen} from './when.ts'

/** A step of a deploy as a line: `watch: until every dyno is up... done`. */
export function renderPoolStep({name, status, detail = ''}: StepEvent): string {
  if (status === 'started') return `-----> ${name}: ${printable(detail)}\n`
  if (status === 'done') return ''
  return `       ${name} ${status}${detail === '' ? '' : `: ${printable(detail)}`}\n`
}

/** `deploy --plan`. */
export function renderDeployPlan(steps: readonly DeployStep[], pending: readonly string[]): string {
  const lines = steps.map(
    ({name, detail, isNeeded}, index) => `${index + 1}. ${name.padEnd(9)} ${isNeeded ? '' : '(nothing to do) '}${printable(detail)}\n`,
  )
  const room = pending.map(text => `   No room: ${text}\n`)
  return [...lines, ...room].join('')
}

/** What `pool:create` shows before it does anything. */
export function renderSetup(name: string, {steps, cost}: ReturnType<typeof planSetup>): string {
  const list = steps.map((step, index) => `${index + 1}. ${step.name.padEnd(9)} ${step.detail}\n`)
  const rows = cost.lines.map(({what, monthlyUsd}) => [what, `$${monthlyUsd.toFixed(2)}`])
  const total = `About $${cost.monthlyUsd.toFixed(2)} a month (730 h, without traffic; prices of ${priceRegion} on ${pricesOf}):\n`
  return `The pool ${name}:\n${list.join('')}\n${total}${renderTable(rows, {right: [1], indent: 2})}`
}

/** `pool:hosts`. */
export function renderHosts(hosts: readonly Host[]): string {
  const rows = hosts.map(host => [
    host.name,
    host.address,
    host.state,
    host.isLeader ? 'leader' : host.isManager ? 'manager' : 'worker',
    `${host.dynos} ${host.dynos === 1 ? 'dyno' : 'dynos'}`,
    `${Math.round(host.memoryFreeBytes / 1024 ** 2)} of ${Math.round(host.memoryBytes / 1024 ** 2)} MB free`,
  ])
  return renderTable(rows)
}

/** `releases` in the platform's shape (platform.md i.2), newest first. */
export function renderReleases(
  app: string,
  records: readonly ReleaseRecord[],
  {current, now, paint}: {current: number | undefined; now: number; paint: Paint},
): string {
  const title = `=== ${app} Releases${current === undefined ? '' : ` - Current: v${current}`}`
  const rows = [...records].reverse().map(({release, outcome}) => {
    const status = outcome?.status === 'succeeded' ? '' : (outcome?.status ?? 'pending').replace('_', ' ')
    const at = Date.parse(release.createdAt)
    return [
      `v${release.version}`,
      printable(release.description),
      status,
      printable(release.user),
      `${renderWhen(at)} (${renderAgo(now - at)})`,
    ]
  })
  return `${paint('bold', title)}\n\n${renderTable(rows)}`
}

/** The dynos of an app on a pool, by type. */
export function renderPoolDynos(app: string, dynos: readonly PoolDyno[], {now, paint}: {now: number; paint: Paint}): string {
  if (dynos.length === 0) return `No dynos on ${app}\n`
  return [...new Set(dynos.map(({type}) => type))]
    .map(type => {
      const own = dynos.filter(dyno => dyno.type === type)
      const rows = own.map(({dyno, state, since, release, host, message}) => {
        const at = Date.parse(since)
        return [
          `${dyno}:`,
          state,
          `${renderWhen(at)} (${renderAgo(now - at)})`,
          `v${release}`,
          host ?? 'no host',
          state === 'up' ? '' : printable(message ?? ''),
        ]
      })
      return `${paint('bold', `=== ${type} (${own.length})`)}\n\n${renderTable(rows)}`
    })
    .join('\n')
}
