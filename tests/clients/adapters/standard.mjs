// What everybody writes for an EventSource, whoever made the class.

const kClosed = 2;

export function followStandard(EventSource, url, tell) {
  const source = new EventSource(url);
  source.onmessage = ({ data }) => tell.event(data);
  // Some are CLOSED only behind the last handler.
  source.onerror = () => setTimeout(() => source.readyState === kClosed && tell.ended("closed"));
}
