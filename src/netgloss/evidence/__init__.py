"""What the network used: heat maps on images, one file a method, and what is done with them."""
