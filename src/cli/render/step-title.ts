import type {StepEvent} from '../../model/event.ts'

const titles: Readonly<Record<string, string>> = {
  source: 'Source',
  buildpacks: 'Buildpacks',
  detect: 'Detecting the language',
  slug: 'Compressing the slug',
}

/** A step of a build as its progress shows it. */
export function stepTitle({name, detail}: Pick<StepEvent, 'name' | 'detail'>): string {
  const buildpack = /^compile (.*)$/s.exec(name)?.[1]
  if (buildpack !== undefined) return `${detail?.split('\n')[0] ?? 'App'}, compiled by ${buildpack}`
  return titles[name] ?? name
}

/** Whether a line must not vanish with the progress: what the platform warns of. */
export function isWarningLine(line: string): boolean {
  return line.startsWith(' !')
}
