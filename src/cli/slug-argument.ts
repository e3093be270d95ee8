import {Args} from '@oclif/core'

/** The slug that a command is about. */
export const slugArgument = Args.string({
  name: 'ID',
  description: 'A slug, by its id or any unique beginning of 6 or more hex digits.',
  required: true,
})
