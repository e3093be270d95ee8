import {type AppJson, emptyAppJson} from '../model/app-json.ts'
import {parseAppJson} from '../model/parse-app-json.ts'
import {type Problem, problemError, warningsAtStart} from '../model/problem.ts'
import {readAppFile} from './read-app-file.ts'

/** app.json of the folder `root`; an empty one when there is none. Throws APP_JSON_INVALID with the place of its first error, FILE_UNREADABLE. */
export function readAppJson(root: string): {readonly appJson: AppJson; readonly warnings: readonly Problem[]} {
  const bytes = readAppFile(root, 'app.json')
  if (bytes === undefined) return {appJson: emptyAppJson, warnings: []}
  const {appJson, problems} = parseAppJson(bytes)
  const error = problems.find(({severity}) => severity === 'error')
  if (error !== undefined) throw problemError('APP_JSON_INVALID', error)
  return {appJson, warnings: warningsAtStart(problems)}
}
