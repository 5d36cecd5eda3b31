// The page without C++: counts all events, shows the last one and the count once a frame.
const count = document.getElementById("count");
const last = document.getElementById("last");
let events = 0;
let data = "";
let isAsked = false;

function show() {
  isAsked = false;
  count.textContent = events;
  last.textContent = data;
}

new EventSource("/stream").onmessage = (event) => {
  events += 1;
  data = event.data;
  if (!isAsked) {
    isAsked = true;
    requestAnimationFrame(show);
  }
};
