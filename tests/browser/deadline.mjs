// An end to every wait: within() is the promise, or an error that says what was waited for.

export const kPatience = 10_000; // milliseconds; far more than anything takes, so that only what never comes fails

// `what` is a noun phrase, or a function that makes one when time is up, to tell what was seen last.
export async function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited ${milliseconds} ms for ${typeof what === "function" ? what() : what}`));
    }, milliseconds);
  });
  promise.catch(() => {}); // it may fail after time was up, when nobody listens any more
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
