// Ends a script with a sentence instead of a stack trace if something that it needs fails.

/** Runs the work; an error ends the process with its message and exit code 1. */
export async function orOneSentence(work) {
  try {
    return await work();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
