import {expect, test} from 'vitest'
import {type SourceRule, sourceRule} from '../../src/model/source-rules.ts'

test.for<readonly [path: string, rule: SourceRule]>([
  ['server.js', 'taken'],
  ['.git', 'left out'],
  ['.git/config', 'left out'],
  ['vendor/x/.git/config', 'left out'],
  ['.gitignore', 'taken'],
  ['.github/workflows/ci.yml', 'taken'],
  ['.DS_Store', 'left out'],
  ['a/.DS_Store', 'left out'],
  ['.homeport.env', 'left out'],
  ['.homeport/slug.json', 'taken'],
  ['.env', 'taken only when tracked'],
  ['a/.env', 'taken only when tracked'],
  ['.env/bin/python', 'taken only when tracked'],
  ['.env.local', 'taken only when tracked'],
  ['.env.production.local', 'taken only when tracked'],
  ['.env.example', 'taken'],
  ['.env.local.example', 'taken'],
  ['.env.sample', 'taken'],
  ['.env.template', 'taken'],
  ['.env.template.local', 'taken only when tracked'],
  ['.envrc', 'taken'],
  ['env', 'taken'],
  ['x.env', 'taken'],
])('%s is %s', ([path, rule]) => {
  expect(sourceRule(path)).toBe(rule)
})
