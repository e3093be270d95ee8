import {renderSize} from '../../model/build-text.ts'
import {shortSlugId} from '../../model/slug.ts'
import type {ListedSlug} from '../../platform/list-slugs.ts'
import type {Paint} from '../colour.ts'

/** The list of `slugs`, one a line under their titles; ends in a newline. */
export function renderSlugs(slugs: readonly ListedSlug[], paint: Paint): string {
  if (slugs.length === 0) return 'There are no slugs on this machine. Make one with `homeport build`.\n'
  const titles = ['Slug', 'Created', 'Size', 'Process types', 'Stack', 'Used by']
  const rows = slugs.map(slug => [
    shortSlugId(slug.id),
    renderMinute(slug.createdAt),
    renderSize(slug.archiveBytes),
    [...slug.processTypes.keys()].join(' '),
    slug.stack,
    slug.usedBy.join(', '),
  ])
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map(cells => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[paint('bold', line(titles)), ...rows.map(line)].join('\n')}\n`
}

/** All about one slug; ends in a newline. */
export function renderSlug(slug: ListedSlug, paint: Paint): string {
  const {id, createdAt, archiveBytes, sizeBytes, files, stack, os, arch, libc, buildpacks, commit, usedBy, processTypes, appPathFiles} =
    slug
  const facts: readonly (readonly [string, string])[] = [
    ['Slug', id],
    ['Created', renderMinute(createdAt)],
    ['Size', `${renderSize(archiveBytes)} packed, ${renderSize(sizeBytes)} in ${files} files`],
    ['Stack', stack],
    ['Needs', [os, arch, libc].every(word => word === 'any') ? 'any machine' : `${os} ${arch} ${libc}`],
    ...(buildpacks.length === 0
      ? []
      : [
          [
            'Buildpacks',
            buildpacks.map(({name, commit}) => (commit === undefined ? name : `${name} (${commit.slice(0, 7)})`)).join(', '),
          ] as const,
        ]),
    ...(commit === undefined ? [] : [['Commit', commit] as const]),
    ['Used by', usedBy.length === 0 ? 'nothing' : usedBy.join(', ')],
    ...(appPathFiles.length === 0 ? [] : [['Names /app/', appPathFiles.join(', ')] as const]),
  ]
  const lines = facts.map(([name, value]) => `${paint('bold', `${name}:`.padEnd(13))}${value}`)
  const types = [...processTypes].map(([type, command]) => `  ${type}: ${command}`)
  return `${[...lines, paint('bold', 'Process types:'), ...types].join('\n')}\n`
}

/** The document of `slugs --json` (cli.md section 7). */
export function slugsDocument(slugs: readonly ListedSlug[]) {
  return slugs.map(({id, createdAt, sizeBytes, processTypes, stack, usedBy}) => ({
    slug: id,
    createdAt,
    sizeBytes,
    processTypes: Object.fromEntries(processTypes),
    stack,
    usedBy,
  }))
}

/** The document of `slugs:info --json`. */
export function slugDocument({id, processTypes, ...facts}: ListedSlug) {
  return {slug: id, ...facts, processTypes: Object.fromEntries(processTypes)}
}

/** `2026-11-25 03:04 UTC` */
function renderMinute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`
}
