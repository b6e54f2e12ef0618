// Typed lint: the rules that prevent accidents (floating promises, forgotten cases, any) and keep files small.
import simpleImportSort from 'eslint-plugin-simple-import-sort'
import tseslint from 'typescript-eslint'

const onlyIn = (files, selector, message) => ({
  files: ['src/**/*.ts'],
  ignores: files,
  rules: { 'no-restricted-syntax': ['error', { selector, message }] },
})

export default tseslint.config(
  { ignores: ['node_modules', 'data', 'coverage', 'dist', '**/*.js', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'simple-import-sort': simpleImportSort },
    rules: {
      'simple-import-sort/imports': 'error',
      'simple-import-sort/exports': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'no-console': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  // The environment is read in one place; so that every variable is described, checked and printable.
  onlyIn(
    ['src/config/**'],
    "MemberExpression[object.name='process'][property.name='env']",
    'Read the environment in src/config/ only.',
  ),
  {
    files: ['src/**/*.ts'],
    // The CLI calls the service itself, never a destination.
    ignores: ['src/outbound/**', 'src/cli/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Calls to the outside go through src/outbound/.' },
      ],
    },
  },
  { files: ['src/cli/**', 'bench/**', 'scripts/**', 'examples/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
