"""A story long enough to be interrupted: more than a minute aloud."""

from __future__ import annotations

STORY = (
    "This is the story of the lighthouse that wanted to listen. "
    "Once upon a time there was a lighthouse at the end of a long gray coast. "
    "Every night it sent its light over the water, and every night the ships went by without a word. "
    "I give and give, said the lighthouse, but nobody ever tells me anything. "
    "One evening a small box was washed ashore, with a button on its lid and a ring of little lamps. "
    "Press me, said the box, and I will listen to you for as long as you like. "
    "But the lighthouse had no hands, so it asked the wind. "
    "The wind blew as hard as it could, and the button did not move. "
    "It asked the rain, and the rain drummed on the lid the whole night, but the button was made for fingers. "
    "In the morning a gull came by, tilted its head, and pecked at the button once. "
    "The lamps turned blue, and the box said, I am listening. "
    "Then the lighthouse did not know what to say, because nobody had ever asked. "
    "So it spoke of the fog, which comes without knocking, and of the stars, which never answer. "
    "It spoke of a captain who had once waved, forty years ago, and of how often it had thought of him. "
    "The box listened, and now and then one of its lamps flickered, to show that it was still there. "
    "When the sun was high, the lighthouse was tired and happy, and asked the box whether it had a story too. "
    "Oh yes, said the box. I was thrown into the sea because I interrupted everybody. "
    "Since then I have learned to wait until the others have finished. "
    "From that day on the two of them talked every night, and the ships wondered why the light blinked so merrily. "
    "And if nobody has pressed the button a second time, they are talking still."
)
