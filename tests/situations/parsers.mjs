// How many syntax errors a document has, by the parser of its language, and the tokens that a lexer sees in it. Knows no situation.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { parse as parseJson } from 'jsonc-parser';
import { parse as parseHtml } from 'parse5';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { environment } from '../../eng/lib/dotnet.mjs';
import { executable, programs } from '../../eng/lib/projects.mjs';

const require = createRequire(import.meta.url);
const treeSitter = require('@vscode/tree-sitter-wasm');
const scripts = { typescript: ts.ScriptKind.TS, typescriptreact: ts.ScriptKind.TSX, javascript: ts.ScriptKind.JS };
const grammars = {
  csharp: 'c-sharp', typescript: 'typescript', typescriptreact: 'tsx', javascript: 'javascript', python: 'python', go: 'go', rust: 'rust',
  java: 'java', c: 'cpp', cpp: 'cpp', ruby: 'ruby', php: 'php', css: 'css', shellscript: 'bash', json: 'javascript',
};
const loaded = new Map();

/**
 * The number of syntax errors of each text.
 * @param {{ language: string, text: string }[]} documents
 * @returns {Promise<number[]>}
 */
export async function syntaxErrors(documents) {
  const counts = [];
  for (const { language, text } of documents) counts.push(await errorsOf(language, text)); // grammars load one at a time
  const batch = (language, count) => {
    const mine = documents.flatMap((document, i) => (document.language === language ? [i] : []));
    if (mine.length === 0) return;
    count(mine.map((i) => documents[i].text)).forEach((errors, k) => { counts[mine[k]] = errors(counts[mine[k]]); });
  };
  batch('csharp', (texts) => roslyn(texts).map((errors) => () => errors));
  // CPython tells the first error only; where there is one before and after, the other parser's counts still tell them apart.
  batch('python', (texts) => cpython(texts).map((fails) => (others) => (fails ? 1 + others : 0)));
  return counts;
}

async function errorsOf(language, text) {
  switch (language) {
    case 'typescript':
    case 'typescriptreact':
    case 'javascript':
      return ts.createSourceFile('a', text, ts.ScriptTarget.Latest, false, scripts[language]).parseDiagnostics.length;
    case 'json': {
      const errors = [];
      parseJson(text, errors);
      return errors.length;
    }
    case 'yaml': return parseAllDocuments(text).reduce((sum, document) => sum + document.errors.length, 0);
    case 'html': return htmlErrors(text);
    default: return grammars[language] ? (await nodesOf(language, text)).filter((node) => node.isError || node.isMissing).length : 0;
  }
}

/** What the standard calls errors, and elements without an end that need one. */
function htmlErrors(text) {
  let errors = 0;
  const optional = new Set(['html', 'head', 'body', 'li', 'p', 'td', 'tr', 'th', 'option', 'dt', 'dd', 'tbody', 'area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'wbr']);
  const visit = (node) => {
    if (node.sourceCodeLocation?.startTag && !node.sourceCodeLocation.endTag && !optional.has(node.tagName)) errors++;
    node.childNodes?.forEach(visit);
  };
  visit(parseHtml(text, { sourceCodeLocationInfo: true, onParseError: () => { errors++; } }));
  return errors;
}

function roslyn(texts) {
  const program = executable(programs.csharpErrors);
  return lines(spawnSync(program, { input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''), encoding: 'utf8', env: environment() }), program).map(Number);
}

/** Whether CPython refuses each text, where there is one; else each text is judged by the other parser alone. */
function cpython(texts) {
  const program = `
import ast, json, sys, warnings
warnings.simplefilter("ignore")
for line in sys.stdin:
    try:
        ast.parse(json.loads(line))
        print(0)
    except SyntaxError:
        print(1)
`;
  const answer = spawnSync('python3', ['-c', program], { input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''), encoding: 'utf8' });
  return answer.error ? texts.map(() => true) : lines(answer, 'python3').map((line) => line === '1');
}

function lines({ status, error, stdout, stderr }, program) {
  if (error || status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
  return stdout.trim().split(/\r?\n/);
}

/**
 * The tokens of a text: what a lexer sees, also where the text does not parse. Null for languages without a grammar here.
 * @returns {Promise<{ type: string, text: string, start: number, end: number }[] | null>}
 */
export async function tokensOf(language, text) {
  if (!grammars[language]) return null;
  return (await nodesOf(language, text)).filter((node) => node.childCount === 0).map((node) => ({ type: node.type, text: node.text, start: node.startIndex, end: node.endIndex }));
}

async function nodesOf(language, text) {
  const parser = await parserOf(grammars[language]);
  const tree = parser.parse(text);
  const nodes = [];
  const visit = (node) => {
    nodes.push({ type: node.type, text: node.text, startIndex: node.startIndex, endIndex: node.endIndex, childCount: node.childCount, isError: node.isError, isMissing: node.isMissing });
    node.children.forEach(visit);
  };
  visit(tree.rootNode);
  tree.delete();
  return nodes;
}

async function parserOf(grammar) {
  if (!loaded.has(grammar)) {
    await treeSitter.Parser.init();
    const parser = new treeSitter.Parser();
    parser.setLanguage(await treeSitter.Language.load(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`)));
    loaded.set(grammar, parser);
  }
  return loaded.get(grammar);
}
