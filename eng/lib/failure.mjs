// How a script ends when something that it needs fails: with a sentence, not with a stack.

/** Does the work; an error ends the process with its message and exit code 1. */
export async function orOneSentence(work) {
  try {
    return await work();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
