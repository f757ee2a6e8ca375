import { apiMarkdown } from '../support/api-docs.ts'
import { golden } from '../support/golden.ts'
import { test } from '../support/patient.ts'

test('docs/api.md is what the types say', () => golden('docs/api.md', apiMarkdown()))
